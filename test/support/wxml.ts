/** What a template of Taro's base.wxml makes of a node: its tag, and which key of the node each attribute reads. */
export interface Template {
  tag: string
  attributes: Map<string, string>
}

/** Templates by Taro's node name (`nn`), from the outermost level, which has one for every component. */
export type Templates = Map<string, Template>

export function templatesOf(wxml: string): Templates {
  const templates: Templates = new Map()
  for (const [, name = '', body = ''] of wxml.matchAll(/<template name="tmpl_0_([\w-]+)">([\s\S]*?)<\/template>/g)) {
    const [, tag, attributes = ''] = /^\s*<([\w-]+)((?:\s+[\w-]+="[^"]*"|[^>"])*)>/.exec(body) ?? []
    if (tag === undefined || tag === 'block' || tag === 'template') {
      templates.set(name, { tag: '#text', attributes: new Map() })
      continue
    }
    const reads = [...attributes.matchAll(/([\w-]+)="\{\{[^"]*?\bi\.(\w+)[^"]*\}\}"/g)]
    templates.set(name, { tag, attributes: new Map(reads.map(([, attribute = '', key = '']) => [attribute, key])) })
  }
  // a field that keyboards type into has one template with the focus and one without; they differ in nothing that is read here
  for (const [name, template] of templates)
    if (name.endsWith('_blur')) templates.set(name.slice(0, -'_blur'.length), template)
  return templates
}
