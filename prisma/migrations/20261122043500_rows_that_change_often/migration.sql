-- A run's row changes ten times and more while it is worked on: its plan and inputs move out of the row, so that they are not
-- copied each time, and pages keep room for the new versions, so that no index learns of them.
ALTER TABLE "runs" SET (fillfactor = 50, toast_tuple_target = 128);
ALTER TABLE "steps" SET (fillfactor = 60);
