/** Variables, YAML syntax and whole files: the messages for each file in mistakes/. */
export const mistakesOfText: Record<string, string[]> = {
  'variable-missing': [
    `variable-missing.yml, line 2, targets.a: variable NOT_THERE is not set; set it or write a default: \${NOT_THERE:-…}`,
    `variable-missing.yml, line 3, targets.b: variable EMPTY is not set; set it or write a default: \${EMPTY:-…}`,
    `variable-missing.yml, line 5, routes[0].match.namespace: variable NAMESPACE is not set; set it or write a default: \${NAMESPACE:-…}`,
    `variable-missing.yml, line 7, routes[1].to[1]: variable NOBODY is not set; set it or write a default: \${NOBODY:-…}`,
  ],
  'variable-with-default': [],
  'variable-escaped': [],
  'invalid-variable': [
    `invalid-variable.yml, line 3, rules[0].match.name: "\${}" is not a variable; write it like \${CHAT}`,
    `invalid-variable.yml, line 3, rules[0].match.namespace: "\${1ST}" is not a variable; write it like \${CHAT}`,
    `invalid-variable.yml, line 3, rules[0].match.workload: "\${A B}" is not a variable; write it like \${CHAT}`,
  ],
  'variable-in-braces-without-quotes': [
    `variable-in-braces-without-quotes.yml, line 2: Unexpected flow-map-start at node end; put \${NAME} in quotes inside { } and [ ]`,
  ],
  'yaml-syntax': [
    'yaml-syntax.yml, line 4: Flow map in block collection must be sufficiently indented and end with a }',
  ],
  'yaml-tab': ['yaml-tab.yml, line 2: Tabs are not allowed as indentation; use spaces'],
  'yaml-key-twice': [
    'yaml-key-twice.yml, line 4: the key "match" is given twice',
    'yaml-key-twice.yml, line 4, rules[0].match.knid: unknown key; did you mean "kind"?',
    'yaml-key-twice.yml, line 6: the key "fallback" is given twice',
    'yaml-key-twice.yml, line 6, fallback: "nobody" is neither a name in targets nor a chat ID',
  ],
  'yaml-two-documents': ['yaml-two-documents.yml, line 2: the file must have one YAML document; remove the line ---'],
  'yaml-star-without-quotes': [
    'yaml-star-without-quotes.yml, line 3: the alias *Failed has no anchor; put text that begins with * in quotes',
    'yaml-star-without-quotes.yml, line 6: the alias *-canary has no anchor; put text that begins with * in quotes',
  ],
  'yaml-at-without-quotes': [
    'yaml-at-without-quotes.yml, line 2: Plain value cannot start with reserved character @; put this text in quotes',
  ],
  'yaml-colon-without-quotes': [
    'yaml-colon-without-quotes.yml, line 4: Nested mappings are not allowed in compact mappings; put text that contains ": " in quotes',
  ],
  'yaml-escape-in-double-quotes': [
    'yaml-escape-in-double-quotes.yml, line 3: Invalid escape sequence \\d; put a regular expression in single quotes',
  ],
  'yaml-tag': ['yaml-tag.yml, line 1: Unresolved tag: !chat; put text that begins with ! in quotes'],
  'yaml-alias-bomb': ['yaml-alias-bomb.yml, line 2: the aliases (*…) expand without end; use fewer of them'],
  'yaml-alias-in-itself': ['yaml-alias-in-itself.yml, line 3: the aliases (*…) expand without end; use fewer of them'],
  'yaml-alias': [
    'yaml-alias.yml, line 4, rules[0].action: must be show or drop, not "dorp"; did you mean "drop"?',
    'yaml-alias.yml, line 7, routes[0].to: "nobody" is neither a name in targets nor a chat ID',
  ],
  'file-is-a-string': [
    'file-is-a-string.yml, line 1: must be a map, not "rules"; the known keys are $schema, defaults, clusters, targets, rules, routes, mutes, quiet, fallback, suppressed, watchdog',
  ],
  'file-is-a-list': [
    'file-is-a-list.yml, line 1: must be a map, not a list; the known keys are $schema, defaults, clusters, targets, rules, routes, mutes, quiet, fallback, suppressed, watchdog',
  ],
  'empty-file': [],
  'only-comments': [],
  'bot-token-in-wrong-place': [
    'bot-token-in-wrong-place.yml, line 2, targets.a: must be a chat ID, for example -1001234567890, -1001234567890:42 for a thread, or "@channel", not "<bot token>"',
    'bot-token-in-wrong-place.yml, line 3, targets["<bot token>"]: must be a name of at most 60 characters without colon or comma, not "<bot token>"',
    'bot-token-in-wrong-place.yml, line 10, rules[0].hint: must have at most 300 characters',
    'bot-token-in-wrong-place.yml, line 13, rules[1].action: must be show or drop, not "<bot token>"',
  ],
  'many-mistakes': [
    'many-mistakes.yml, line 1, defaults: must be true or false, not "maybe"',
    'many-mistakes.yml, line 2, clusters: must be a map, not a list',
    'many-mistakes.yml, line 5, targets.platform: must be a chat ID, for example -1001234567890, -1001234567890:42 for a thread, or "@channel", not "general"',
    'many-mistakes.yml, line 8, rules[0].match.message: "(" is not a valid regular expression (Unterminated group)',
    'many-mistakes.yml, line 8, rules[0].match.cause: "crash-lop" is neither a known cause nor a reason; did you mean "crash-loop"?',
    'many-mistakes.yml, line 9, rules[0].action: must be show or drop, not "dorp"; did you mean "drop"?',
    'many-mistakes.yml, line 12, rules[1].atleast: unknown key; did you mean "atLeast"?',
    'many-mistakes.yml, line 13, rules[2]: name is missing',
    'many-mistakes.yml, line 13, rules[2]: this rule never matches: objects of this kind have no namespace; write namespace: "", although their events are in "default"',
    `many-mistakes.yml, line 15, routes[0].match.namespace: variable NOT_THERE is not set; set it or write a default: \${NOT_THERE:-…}`,
    'many-mistakes.yml, line 16, routes[0].to: "oncal" is neither a name in targets nor a chat ID; did you mean "oncall"?',
    'many-mistakes.yml, line 18, quiet[0].from: must be a valid time, for example 07:30, not "25:00"',
    'many-mistakes.yml, line 18, quiet[0].zone: must be an IANA time zone, for example Europe/Berlin, not "Europe/Berln"',
    'many-mistakes.yml, line 20, mutes[0]: reason is missing',
    'many-mistakes.yml, line 21, mutes[0].until: must be a valid date and time, for example 2026-12-01T08:00:00+01:00, not "2027-02-30T00:00:00Z"',
    'many-mistakes.yml, line 22, fallbak: unknown key; did you mean "fallback"?',
  ],
}
