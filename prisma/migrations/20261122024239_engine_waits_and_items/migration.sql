-- DropIndex
DROP INDEX "events_run_id_line_idx";

-- AlterTable
ALTER TABLE "resources" ADD COLUMN     "removal" JSONB;

-- AlterTable
ALTER TABLE "steps" ADD COLUMN     "each" JSONB,
ADD COLUMN     "failures" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "item" INTEGER,
ADD COLUMN     "losses" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "parent" TEXT;

-- CreateTable
CREATE TABLE "signals" (
    "id" BIGSERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "body" JSONB NOT NULL DEFAULT '{}',
    "sent_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "signals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pauses" (
    "scope" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "paused_by" TEXT NOT NULL,
    "paused_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pauses_pkey" PRIMARY KEY ("scope")
);

-- CreateIndex
CREATE INDEX "signals_key_id_idx" ON "signals"("key", "id");

-- What schema.prisma has no words for: partial indexes.

-- One run at a time works on an entity, whoever claims when: a claim that breaks this finds nothing to do. One in line may
-- be claimed beside it to be cancelled, and cannot begin.
CREATE UNIQUE INDEX "runs_one_at_work_per_entity" ON "runs"("blueprint", "entity")
    WHERE "status" IN ('RUNNING', 'WAITING', 'UNDOING') OR ("lease_owner" IS NOT NULL AND "status" <> 'QUEUED');

-- Log lines alone have a number.
CREATE INDEX "events_lines_of_run" ON "events"("run_id", "line") WHERE "line" IS NOT NULL;

-- Who waits for a signal.
CREATE INDEX "steps_waiting_for_signal" ON "steps"(("wait" ->> 'signal')) WHERE "wait" ? 'signal';

-- Messages that nobody has taken into account, oldest first.
CREATE INDEX "inbox_unread" ON "inbox"("created_at") WHERE "acknowledged_at" IS NULL;

-- What could not be removed and is tried again.
CREATE INDEX "resources_still_to_remove" ON "resources"("run_id") WHERE "state" = 'REMOVE_FAILED';
