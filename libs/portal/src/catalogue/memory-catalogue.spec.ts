import { exerciseCatalogue } from '../testing/exercise-catalogue.js';
import { memoryCatalogue } from './memory-catalogue.js';

exerciseCatalogue('the catalogue in memory', async () => ({ catalogue: memoryCatalogue(), addOwner: async () => undefined }));
