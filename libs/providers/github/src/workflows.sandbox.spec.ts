import { exerciseStep, failureOf, type StepRig } from '@slipway/engine/testing';
import { githubForSuite, type GithubScene, type Wire } from './testing/github-scene.js';

const { scene, api, sandbox, pushByAnother } = githubForSuite();

const correlated = `
name: Deploy
run-name: Deploy \${{ inputs.target }} for \${{ inputs.slipway }}
on: { workflow_dispatch: { inputs: { target: { required: true }, slipway: {} } } }
jobs: { ship: { name: Ship it, runs-on: ubuntu-latest, steps: [{ name: Build, run: make }] } }
`;
const plain = `
on: { push: {}, workflow_dispatch: {} }
jobs: { test: { runs-on: ubuntu-latest, steps: [{ run: make test }] } }
`;

/** A repository of somebody's, with workflows: dispatching needs no ownership. */
async function withWorkflows(): Promise<GithubScene & { runs: () => Promise<Wire[]> }> {
  const found = await scene();
  await api('POST', `/orgs/${sandbox.github.org}/repos`, { name: found.name });
  await pushByAnother(found.fullName, 'main', { '.github/workflows/deploy.yaml': correlated, '.github/workflows/plain.yaml': plain });
  const runs = async () => {
    const { body } = await api('GET', `/repos/${found.fullName}/actions/runs`);
    return (body['workflow_runs'] as Wire[]).filter((run) => run['event'] === 'workflow_dispatch');
  };
  return { ...found, runs };
}

const deploy = { workflowId: 'deploy.yaml', branchOrTagName: 'main', workflowInputs: { target: 'eu' }, correlationInput: 'slipway' };

exerciseStep(
  'github:actions:dispatch',
  async () => {
    const found = await withWorkflows();
    const step = found.step('github:actions:dispatch');
    return { ...found, step, input: { repository: found.fullName, ...deploy }, count: () => Promise.resolve(0) };
  },
  { makesNothing: 'a run of a workflow is an event: nothing of it can be taken away' },
);

describe('github:actions:dispatch', () => {
  const dispatch = async (rig: StepRig, { step, fullName }: GithubScene, input: object) =>
    (await rig.run(step('github:actions:dispatch'), { repository: fullName, ...input })) as { runId: number; htmlUrl: string };

  it('starts it once, with its inputs, and answers which run it became', async () => {
    const found = await withWorkflows();
    const rig = found.rig();
    const { runId, htmlUrl } = await dispatch(rig, found, deploy);
    expect(await dispatch(rig, found, deploy)).toEqual({ runId, htmlUrl });
    expect(await found.runs()).toMatchObject([{ id: runId, html_url: htmlUrl, display_title: `Deploy eu for ${rig.mark}/step` }]);
  });

  it.each(['deploy.yaml', 'plain.yaml'])('finds the run of %s whose answer was lost', async (workflowId) => {
    const found = await withWorkflows();
    const match = { method: 'POST', path: '/repos/*/*/actions/workflows/*/dispatches' };
    await sandbox.fault({ system: 'github', match, fault: 'applied-then-timeout', delayMs: 100, times: 1 });
    const { runId } = await dispatch(found.rig(), found, workflowId === 'deploy.yaml' ? deploy : { workflowId, branchOrTagName: 'main' });
    expect((await found.runs()).map((run) => run['id'])).toEqual([runId]);
  }, 30_000);

  it('says that it cannot tell, where several have begun since', async () => {
    const found = await withWorkflows();
    const rig = found.rig();
    const step = found.step('github:actions:dispatch');
    const input = step.input.parse({ repository: found.fullName, workflowId: 'plain.yaml', branchOrTagName: 'main' });
    const begun = await step.run(rig.context(), input);
    const state = 'wait' in begun ? begun.wait.state : undefined;
    for (let time = 0; time < 2; time += 1) await api('POST', `/repos/${found.fullName}/actions/workflows/plain.yaml/dispatches`, { ref: 'main' });
    expect(await failureOf(step.run(rig.context({ state, attempt: 2 }), input))).toMatchObject({ code: 'github_dispatch_unclear', classification: 'fatal' });
    // Of the same attempt nothing was sent yet: what others started meanwhile is not ours.
    await step.run(rig.context({ state, attempt: 1 }), input);
    expect(await found.runs()).toHaveLength(3);
  });

  it.each([
    ['a workflow that is none', { workflowId: 'none.yaml', branchOrTagName: 'main' }, 'github_not_found'],
    ['a branch that is none', { workflowId: 'plain.yaml', branchOrTagName: 'none' }, 'github_rejected'],
    ['an input that is none', { workflowId: 'plain.yaml', branchOrTagName: 'main', workflowInputs: { x: 1 } }, 'github_rejected'],
  ])('refuses %s', async (_title, input, code) => {
    const found = await withWorkflows();
    await expect(dispatch(found.rig(), found, input)).rejects.toMatchObject({ code, classification: 'fatal' });
  });
});

exerciseStep(
  'github:actions:wait',
  async () => {
    const found = await withWorkflows();
    const { body } = await api('GET', `/repos/${found.fullName}/commits/main`);
    const step = found.step('github:actions:wait');
    return { ...found, step, input: { repository: found.fullName, workflowId: 'plain.yaml', commit: body['sha'] }, count: () => Promise.resolve(0) };
  },
  { makesNothing: 'it only looks' },
);

describe('github:actions:wait', () => {
  it('sleeps until a webhook or a look tells that the run has ended', async () => {
    const found = await withWorkflows();
    const rig = found.rig();
    const step = found.step('github:actions:wait');
    const { runId } = (await rig.run(found.step('github:actions:dispatch'), { repository: found.fullName, ...deploy })) as { runId: number };
    const input = step.input.parse({ repository: found.fullName, runId: String(runId) });
    const first = await step.run(rig.context(), input);
    expect(first).toMatchObject({
      wait: { afterMs: 2_000, signal: `github:workflow_run:${found.fullName}`, reason: expect.stringMatching(/Deploy of .* is (queued|in progress): http/), state: { looks: 1 } },
    });
    const second = await step.run(rig.context({ state: 'wait' in first ? first.wait.state : undefined }), input);
    expect('wait' in second ? second.wait.afterMs : 0).toBe(4_000);
    await sandbox.callControl('PUT', '/clock', { advance: 'PT10S' });
    expect(await rig.run(step, { repository: found.fullName, runId })).toMatchObject({ runId, conclusion: 'success', htmlUrl: expect.stringContaining(`/runs/${runId}`) });
  }, 30_000);

  it('fails with the job that failed, and its link', async () => {
    const found = await withWorkflows();
    await sandbox.fault({ system: 'github', match: { name: `${found.fullName}/.github/workflows/deploy.yaml` }, fault: 'run-fails' });
    const { runId } = (await found.rig().run(found.step('github:actions:dispatch'), { repository: found.fullName, ...deploy })) as { runId: number };
    await sandbox.callControl('PUT', '/clock', { advance: 'PT10S' });
    const failure = await failureOf(found.rig().run(found.step('github:actions:wait'), { repository: found.fullName, runId }));
    expect(failure).toMatchObject({
      ...{ code: 'github_run_failed', classification: 'fatal', remedy: expect.stringContaining('retry') },
      message: expect.stringMatching(/Deploy of .* ended with failure: job "Ship it" ended with failure at "[^"]+" \(http.*\/job\/\d+\)/),
    });
  }, 30_000);

  it('gives up in time on one that does not show', async () => {
    const found = await withWorkflows();
    const input = { repository: found.fullName, runId: 7, within: { milliseconds: 300 } };
    expect(await failureOf(found.rig().run(found.step('github:actions:wait'), input))).toMatchObject({
      ...{ code: 'github_run_not_ended', message: expect.stringContaining('shows no workflow run 7 yet') },
    });
  });
});
