#!/usr/bin/env node
import { runHost } from '../host/main.js';
runHost(process.argv.slice(3));
