const connections = 4;
const batch = 100;

/** Rows of a log that PostgreSQL takes a second, a hundred to a statement on four connections. */
export async function bareLines({ pool }, { lines }) {
  await pool.query('CREATE TABLE bare_lines (run_id text, seq int, body jsonb NOT NULL, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (run_id, seq))');
  const bodies = Array.from({ length: batch }, (_, index) => JSON.stringify({ stepId: 's0', level: 'info', message: `line ${index} of a step that has much to say` }));
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async (_, writer) => {
      const client = await pool.connect();
      for (let line = 0; line < lines / connections; line += batch) {
        const seqs = Array.from({ length: batch }, (__, index) => line + index);
        await client.query({ name: 'bare-lines', text: insertSql, values: [`writer-${writer}`, seqs, bodies] });
      }
      client.release();
    }),
  );
  const seconds = (performance.now() - begun) / 1_000;
  await pool.query('DROP TABLE bare_lines');
  return lines / seconds;
}

const insertSql = 'INSERT INTO bare_lines (run_id, seq, body) SELECT $1, line.seq, line.body FROM unnest($2::int[], $3::jsonb[]) AS line(seq, body)';
