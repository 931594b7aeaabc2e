/**
 * The part of the schema of DSC's resource manifests that these use, as its reference describes it: learn.microsoft.com,
 * powershell/dsc/reference/schemas/resource/manifest/root (DSC 3.1).
 */
const command = {
  type: 'object', required: ['executable'],
  properties: { executable: { type: 'string', minLength: 1 }, args: { type: 'array', items: { type: 'string' } }, input: { enum: ['env', 'stdin'] } },
} as const;
const returning = { properties: { return: { enum: ['state', 'stateAndDiff'] } } } as const;
const changing = { properties: { ...returning.properties, implementsPretest: { type: 'boolean' }, handlesExist: { type: 'boolean' } } } as const;
/** How an instance comes in must be said: here on stdin. */
const method = (...parts: object[]) => ({ allOf: [command, ...parts], required: ['input'], unevaluatedProperties: false });

export const MANIFEST_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object', required: ['$schema', 'type', 'version'], additionalProperties: false,
  properties: {
    $schema: { enum: ['https://aka.ms/dsc/schemas/v3/bundled/resource/manifest.json'] },
    type: { type: 'string', pattern: '^\\w+(\\.\\w+){0,2}/\\w+$' },
    version: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$' },
    description: { type: 'string' },
    tags: { type: 'array', uniqueItems: true, items: { type: 'string', pattern: '^\\w+$' } },
    get: method(),
    set: method(changing),
    whatIf: method(changing, { required: ['return'] }),
    test: method(returning),
    export: method(),
    exitCodes: { type: 'object', propertyNames: { pattern: '^-?[0-9]+$' }, additionalProperties: { type: 'string' } },
    schema: { oneOf: [
      { type: 'object', required: ['command'], additionalProperties: false, properties: { command: { allOf: [command], unevaluatedProperties: false } } },
      { type: 'object', required: ['embedded'], additionalProperties: false, properties: { embedded: { type: 'object' } } },
    ] },
  },
} as const;
