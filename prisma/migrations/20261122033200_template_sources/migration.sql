-- AlterTable
ALTER TABLE "actions" ADD COLUMN     "source" TEXT;

-- CreateTable
CREATE TABLE "template_sources" (
    "name" TEXT NOT NULL,
    "url" TEXT,
    "reference" TEXT,
    "path" TEXT NOT NULL,
    "refresh_ms" INTEGER,
    "due_at" TIMESTAMPTZ(3),
    "looked_at" TIMESTAMPTZ(3),
    "failure" TEXT,
    "offered_id" BIGINT,
    "offered_by" TEXT,
    "offered_at" TIMESTAMPTZ(3),
    "held" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "template_sources_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "template_versions" (
    "id" BIGSERIAL NOT NULL,
    "source" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "commit" JSONB,
    "changes" JSONB NOT NULL,
    "findings" JSONB NOT NULL,
    "actions" JSON,
    "archive" BYTEA NOT NULL,
    "loaded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "template_versions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "template_versions_source_id_idx" ON "template_versions"("source", "id");

-- AddForeignKey
ALTER TABLE "template_versions" ADD CONSTRAINT "template_versions_source_fkey" FOREIGN KEY ("source") REFERENCES "template_sources"("name") ON DELETE CASCADE ON UPDATE CASCADE;
