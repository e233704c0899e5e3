#!/usr/bin/env node
import { loadProgram } from '../app/node-version.ts'

await loadProgram(() => import('./main.ts'))
