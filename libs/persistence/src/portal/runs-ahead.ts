/** Who asks is told whom to look at; a line may be longer than anybody reads. */
const most = 20;

/** An array of the runs that go before `run` while it is QUEUED, by the rule of `line/turn-of-entity.ts`: first the one that is at work. */
export function runsAhead(run: string): string {
  return `ARRAY(
    SELECT other.id FROM runs AS other
     WHERE other.blueprint = ${run}.blueprint AND other.entity = ${run}.entity AND other.id <> ${run}.id
       AND (other.status IN ('RUNNING', 'WAITING', 'UNDOING')
            OR (other.status = 'QUEUED' AND (other.created_at, other.id) < (${run}.created_at, ${run}.id))) IS TRUE
     ORDER BY other.status = 'QUEUED', other.created_at, other.id LIMIT ${most})`;
}
