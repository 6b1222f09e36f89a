import { type ActionView, type EntityView, RunStatus, type RunView } from '@slipway/contracts';
import {
  activeStatuses,
  PortAction,
  PortEntity,
  PortRun,
  toPortAction,
  toPortEntity,
  toPortRun,
  toPortRunLog,
} from './port-wire.js';

const at = '2026-01-01T00:00:00.000Z';

const run: RunView = {
  id: 'r_1',
  action: 'deploy',
  operation: 'CREATE',
  entity: { blueprint: 'service', identifier: 'shop' },
  status: 'FAILED',
  behind: [],
  secrets: [],
  inputs: { app_name: 'shop' },
  requestedBy: 'dana',
  templateDigest: 'sha256:0',
  failure: { code: 'taken', message: 'The repository exists.' },
  createdAt: at,
  updatedAt: at,
  endedAt: at,
  steps: [],
};

describe('a run in Port’s words', () => {
  it.each<[RunStatus, string]>([
    ['QUEUED', 'IN_PROGRESS'],
    ['RUNNING', 'IN_PROGRESS'],
    ['WAITING', 'IN_PROGRESS'],
    ['UNDOING', 'IN_PROGRESS'],
    ['SUCCEEDED', 'SUCCESS'],
    ['FAILED', 'FAILURE'],
    ['CANCELLED', 'FAILURE'],
    ['WAITING_FOR_APPROVAL', 'WAITING_FOR_APPROVAL'],
    ['DECLINED', 'DECLINED'],
  ])('%s is %s', (status, expected) => {
    expect(toPortRun({ ...run, status })).toMatchObject({ status: expected, statusLabel: status });
  });

  it('keeps who, what and why', () => {
    const wire = toPortRun(run);
    expect(PortRun.parse(wire)).toEqual(wire);
    expect(wire).toMatchObject({
      action: { identifier: 'deploy' },
      blueprint: 'service',
      entity: 'shop',
      properties: { app_name: 'shop' },
      summary: 'The repository exists.',
      createdBy: 'dana',
    });
  });

  it('is active until it has ended', () => {
    expect(RunStatus.options.filter((status) => !activeStatuses.includes(status))).toEqual([
      'SUCCEEDED',
      'FAILED',
      'CANCELLED',
      'DECLINED',
    ]);
  });
});

it('a log line has an identity of its own', () => {
  const wire = toPortRunLog('r_1', { type: 'log', seq: 9, line: 4, at, stepId: 'push', level: 'warn', message: 'slow' });
  expect(wire).toEqual({ id: 'r_1:4', runId: 'r_1', message: 'slow', level: 'warn', line: 4, stepId: 'push', createdAt: at });
});

it('an entity names its team as a list', () => {
  const entity: EntityView = {
    blueprint: 'service',
    identifier: 'shop',
    title: 'Shop',
    team: 'platform',
    status: 'ready',
    properties: {},
    relations: {},
    links: [{ kind: 'github:repository', title: 'acme/shop', url: 'https://github.example/acme/shop' }],
    createdBy: 'dana',
    createdAt: at,
    updatedAt: at,
  };
  expect(PortEntity.parse(toPortEntity(entity))).toMatchObject({ identifier: 'shop', team: ['platform'], links: entity.links });
  expect(toPortEntity({ ...entity, team: null }).team).toEqual([]);
});

it('an action’s pages become one form with steps', () => {
  const action: ActionView = {
    identifier: 'deploy',
    title: 'Deploy',
    description: '',
    operation: 'CREATE',
    blueprint: 'service',
    pages: [
      { title: 'Names', required: ['app_name'], properties: { app_name: { type: 'string' } } },
      { properties: { db_name: { type: 'string' } }, 'ui:order': ['*'] },
    ],
    templateDigest: 'sha256:0',
  };
  const wire = toPortAction(action);
  expect(PortAction.parse(wire).trigger.userInputs).toEqual({
    properties: { app_name: { type: 'string' }, db_name: { type: 'string' } },
    required: ['app_name'],
    steps: [
      { title: 'Names', order: ['app_name'] },
      { title: '', order: ['db_name'] },
    ],
  });
  expect(wire.pages).toEqual(action.pages);
});
