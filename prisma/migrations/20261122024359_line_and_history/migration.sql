-- AlterTable
ALTER TABLE "outbox" ADD COLUMN     "team" TEXT;

-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "archived_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "packed_events" (
    "run_id" TEXT NOT NULL,
    "last_seq" INTEGER NOT NULL,
    "last_line" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "packed_events_pkey" PRIMARY KEY ("run_id","last_seq")
);

-- CreateIndex
CREATE INDEX "outbox_team_id_idx" ON "outbox"("team", "id");

-- CreateIndex
CREATE INDEX "outbox_run_id_idx" ON "outbox"("run_id");

-- AddForeignKey
ALTER TABLE "packed_events" ADD CONSTRAINT "packed_events_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What schema.prisma has no words for: partial indexes.

-- Runs that a worker holds, for the sweep each second. Not on lease_until: a heartbeat must change no index.
CREATE INDEX "runs_held" ON "runs"("id") WHERE "lease_owner" IS NOT NULL;

-- Runs whose events are still to be packed away.
CREATE INDEX "runs_to_archive" ON "runs"("ended_at")
    WHERE "ended_at" IS NOT NULL AND ("archived_at" IS NULL OR "archived_at" < "ended_at");
