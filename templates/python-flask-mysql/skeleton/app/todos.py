"""The sample resource. Replace it with your own."""

from flask import Blueprint, current_app, jsonify, request

blueprint = Blueprint("todos", __name__, url_prefix="/todos")

LONGEST_TITLE = 200


@blueprint.get("")
def list_todos():
    with _connection() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, title, done FROM todos ORDER BY id LIMIT 100")
        return jsonify(todos=[_as_json(row) for row in cursor.fetchall()])


@blueprint.post("")
def create_todo():
    title, fault = _title(request.get_json(silent=True))
    if fault:
        return jsonify(error="invalid", message=fault), 400
    with _connection() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO todos (title) VALUES (%s)", (title,))
        todo = {"id": cursor.lastrowid, "title": title, "done": False}
    return jsonify(todo), 201, {"Location": f"/todos/{todo['id']}"}


@blueprint.get("/<int:todo_id>")
def get_todo(todo_id: int):
    with _connection() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, title, done FROM todos WHERE id = %s", (todo_id,))
        row = cursor.fetchone()
    return jsonify(_as_json(row)) if row else _not_found(todo_id)


@blueprint.post("/<int:todo_id>/done")
def complete_todo(todo_id: int):
    with _connection() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE todos SET done = TRUE WHERE id = %s", (todo_id,))
        cursor.execute("SELECT id, title, done FROM todos WHERE id = %s", (todo_id,))
        row = cursor.fetchone()
    return jsonify(_as_json(row)) if row else _not_found(todo_id)


@blueprint.delete("/<int:todo_id>")
def delete_todo(todo_id: int):
    with _connection() as connection, connection.cursor() as cursor:
        deleted = cursor.execute("DELETE FROM todos WHERE id = %s", (todo_id,))
    return ("", 204) if deleted else _not_found(todo_id)


def _connection():
    return current_app.extensions["database"].connection()


def _title(body: object) -> tuple[str, str | None]:
    """The title in a request's body, and what is wrong with it."""
    title = body.get("title") if isinstance(body, dict) else None
    if not isinstance(title, str) or not title.strip():
        return "", "title must be a text that is not empty"
    if len(title) > LONGEST_TITLE:
        return "", f"title must be at most {LONGEST_TITLE} characters long"
    return title.strip(), None


def _as_json(row: dict) -> dict:
    return {"id": row["id"], "title": row["title"], "done": bool(row["done"])}


def _not_found(todo_id: int):
    return jsonify(error="not_found", message=f"There is no todo {todo_id}."), 404
