import { exerciseStep } from '../testing/exercise-step.js';
import { removeResources } from './remove-resources.js';

exerciseStep('resources:remove', () => Promise.resolve({ step: removeResources, kinds: [], input: {}, count: () => Promise.resolve(0) }), {
  makesNothing: 'it only takes away',
});
