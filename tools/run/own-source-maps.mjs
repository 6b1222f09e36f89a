// For `node --import`: stacks in terms of our own sources. `--enable-source-maps` reads the maps of every package as well,
// which costs a fifth of a start.
import { setSourceMapsSupport } from 'node:module';

setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
