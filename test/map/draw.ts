// Draws the picture of README anew: npm run draw:map.
import { writeFileSync } from 'node:fs';
import { drawExample, EXAMPLE } from './example.js';

writeFileSync(EXAMPLE, await drawExample());
