/** How long `commits` durable single-row writes take one after another on one connection: `times` measurements in ms. */
export async function bareCommits({ pool }, { times, commits }) {
  await pool.query('CREATE TABLE bare_commits (id bigserial PRIMARY KEY, body jsonb NOT NULL)');
  const client = await pool.connect();
  try {
    const measured = [];
    for (let time = 0; time < times; time += 1) {
      const begun = performance.now();
      for (let commit = 0; commit < commits; commit += 1) {
        await client.query({ name: 'bare-commit', text: 'INSERT INTO bare_commits (body) VALUES ($1)', values: [{ type: 'step', status: 'SUCCEEDED' }] });
      }
      measured.push(performance.now() - begun);
    }
    return measured;
  } finally {
    client.release();
    await pool.query('DROP TABLE bare_commits');
  }
}
