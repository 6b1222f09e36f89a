-- CreateTable
CREATE TABLE "run_secrets" (
    "run_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,

    CONSTRAINT "run_secrets_pkey" PRIMARY KEY ("run_id","name")
);

-- AddForeignKey
ALTER TABLE "run_secrets" ADD CONSTRAINT "run_secrets_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
