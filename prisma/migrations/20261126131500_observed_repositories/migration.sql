-- AlterTable
ALTER TABLE "entities" ADD COLUMN     "observed" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "read_due_at" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "entities_read_due_at_idx" ON "entities"("read_due_at");

-- What schema.prisma has no words for: indexes on expressions.

-- A repository is found by its id, which its name may outlive.
CREATE INDEX "resources_by_outside_id" ON "resources"("kind", ("properties" ->> 'id'))
    WHERE ("properties" ->> 'id') IS NOT NULL;

-- The same bytes under another delivery's id.
CREATE INDEX "webhook_deliveries_by_content" ON "webhook_deliveries"("provider", sha256("body"));
