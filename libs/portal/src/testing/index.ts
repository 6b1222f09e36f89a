export { type CatalogueRig, exerciseCatalogue } from './exercise-catalogue.js';
