-- Events come by the thousand, and two thirds of what one cost was this. An event is only ever inserted from the row of its
-- run, which the same statement numbers it by, so the key checked what cannot be otherwise; and since a line's number is never
-- above its event's, the lines from one on are found by the primary key.
ALTER TABLE "events" DROP CONSTRAINT "events_run_id_fkey";
DROP INDEX "events_lines_of_run";
