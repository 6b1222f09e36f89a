import pytest


@pytest.mark.parametrize("body", [None, {}, [], {"title": ""}, {"title": 7}, {"title": "x" * 201}])
def test_refuses_a_bad_title(client, body):
    answer = client.post("/todos", json=body)
    assert answer.status_code == 400
    assert "title" in answer.json["message"]


def test_says_when_the_database_is_away(client):
    answer = client.get("/todos")
    assert answer.status_code == 503
    assert answer.json["error"] == "unavailable"


def test_lives_from_creation_to_deletion(database_client):
    title = "Robert'); DROP TABLE todos;--"
    created = database_client.post("/todos", json={"title": title})
    assert created.status_code == 201
    place = created.headers["Location"]

    assert database_client.get(place).json == {**created.json, "title": title, "done": False}
    assert database_client.post(f"{place}/done").json["done"] is True
    assert created.json["id"] in [todo["id"] for todo in database_client.get("/todos").json["todos"]]

    assert database_client.delete(place).status_code == 204
    assert database_client.get(place).status_code == 404
    assert database_client.delete(place).status_code == 404
