-- AlterTable
ALTER TABLE "webhook_deliveries" ADD COLUMN     "digest" BYTEA;
UPDATE "webhook_deliveries" SET "digest" = sha256("body");
ALTER TABLE "webhook_deliveries" ALTER COLUMN "digest" SET NOT NULL;

-- Bodies come gzipped from now on, as archives and packed events always did: to look for what could be compressed in them is in vain.
-- What is there stays as it is.
ALTER TABLE "webhook_deliveries" ALTER COLUMN "body" SET STORAGE EXTERNAL;
ALTER TABLE "archives" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;
ALTER TABLE "template_versions" ALTER COLUMN "archive" SET STORAGE EXTERNAL;
ALTER TABLE "packed_events" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;

-- DropIndex
DROP INDEX "webhook_deliveries_by_content";

-- CreateIndex
CREATE INDEX "webhook_deliveries_provider_digest_idx" ON "webhook_deliveries"("provider", "digest");
