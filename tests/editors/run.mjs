// Owns the comparison of weekmark's JSON Schemas with validators that others wrote: Ajv, and the language server that
// Visual Studio Code, Zed, Neovim and others use for YAML. The cases come from tests/schema.rs.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Ajv from 'ajv'
import { TextDocument } from 'vscode-languageserver-textdocument'
import yaml from 'yaml-language-server'

const folder = process.argv[2]
const read = (name) => readFileSync(join(folder, name), 'utf8')
const schemas = readdirSync(folder).filter((name) => name.endsWith('.json'))
const cases = (name) => read(`${name}.jsonl`).trimEnd().split('\n').map((line) => JSON.parse(line))
const [fixtures, changed] = [cases('fixtures'), cases('changed')]
const wrong = []

function compare(who, { schema, accepts, yaml }, found, why) {
  if (found !== accepts) wrong.push(`${who}, ${schema}: ${found ? 'accepts' : 'refuses'} ${yaml.slice(0, 300)}\n  ${why}`)
}

// ---- Ajv: strict, so that a word that it does not know is an error, and so is a schema that breaks the dialect.
const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true })
ajv.addVocabulary(['markdownDescription', 'patternErrorMessage', 'errorMessage', 'doNotSuggest'])
const compiled = new Map(schemas.map((name) => [name, ajv.compile(JSON.parse(read(name)))]))
for (const one of [...fixtures, ...changed]) {
  const validate = compiled.get(one.schema)
  compare('Ajv', one, validate(one.value), ajv.errorsText(validate.errors))
}

// ---- The language server, from the text of the file.
// Its YAML reads 010 as a number, weekmark's as a text, because others would read it as 8.
const readOtherwise = (text) => /: 0[0-9]+$/m.test(text)
const service = yaml.getLanguageService({
  schemaRequestService: async (uri) => readFileSync(new URL(uri), 'utf8'),
  workspaceContext: { resolveRelativePath: (path) => path },
  telemetry: { send() {}, sendTrack() {}, sendError: (name, error) => wrong.push(`${name}: ${JSON.stringify(error)}`) },
})
const uri = (schema) => pathToFileURL(join(folder, schema)).href
service.configure({
  validate: true,
  completion: true,
  hover: true,
  schemas: schemas.map((name) => ({ fileMatch: [`/${name}/*`], uri: uri(name) })),
})
let number = 0
const file = (schema, text) => TextDocument.create(`file:///${schema}/${number++}.yaml`, 'yaml', 1, text)
// Of what is changed, every tenth: it takes its time.
const some = changed.filter((_, at) => at % 10 === 0)
for (const one of [...fixtures, ...some].filter((one) => !readOtherwise(one.yaml))) {
  const document = file(one.schema, one.yaml)
  const problems = await service.doValidation(document, false)
  compare('The language server', one, problems.length === 0, problems.map((problem) => problem.message).join(' | '))
}

// ---- What an editor proposes and shows.
const [site, page] = ['campaign', 'publish_on'].map((key) => schemas.find((name) => JSON.parse(read(name)).properties?.[key]))
async function proposes(schema, text, ...labels) {
  const at = text.indexOf('|')
  const document = file(schema, text.replace('|', ''))
  const { items } = await service.doComplete(document, document.positionAt(at), false)
  for (const label of labels) {
    if (!items.some((item) => item.label === label)) {
      wrong.push(`${text}: ${label} is not among ${items.map((item) => item.label)}`)
    }
  }
}
async function shows(schema, text, words) {
  const document = file(schema, text.replace('|', ''))
  const hover = await service.doHover(document, document.positionAt(text.indexOf('|')))
  const shown = JSON.stringify(hover?.contents ?? null)
  if (!shown.includes(words)) wrong.push(`${text}: ${words} is not in ${shown}`)
}
await proposes(site, 'title: T\n|', 'campaign', 'menus', 'taxonomies')
await proposes(site, 'title: T\nlinks: |', 'portable', 'clean')
await proposes(site, 'title: T\ncampaign:\n  rule:\n    month: |', 'October')
await proposes(site, 'title: T\nmenus:\n  main:\n    - |', 'page', 'url', 'title')
await proposes(site, 'title: T\nmarkdown:\n  extensions: [|]', 'tables', 'none')
await proposes(page, '|', 'title', 'publish_on', 'tags')
await proposes(page, 'draft: |', 'true', 'false')
await proposes(page, 'checks:\n  off:\n    |', 'W715')
await shows(page, 'publi|sh_on: 2027-01-01', 'The first day on which the page is published.')
await shows(site, 'title: T\nlin|ks: clean', '`clean`')

console.log(wrong.slice(0, 20).join('\n'))
const count = fixtures.length + changed.length
console.log(`${schemas.length} schemas, ${count} cases, ${fixtures.length + some.length} of them in the language server: ${wrong.length} wrong`)
process.exitCode = wrong.length ? 1 : 0
