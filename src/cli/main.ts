#!/usr/bin/env node
import { refuseOldNode } from '../node-version.js';

refuseOldNode();
// Only now: an older Node.js cannot even read it.
void import('./program.js');
