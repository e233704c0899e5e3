/** Variables, YAML, and the file as a whole: what is told of each file in mistakes/. */
export const mistakesOfText: Record<string, string[]> = {
  'variable-missing': [
    `variable-missing.yml, line 2, targets.a: given "\${NOT_THERE}", expected NOT_THERE in the environment, or a default as \${NOT_THERE:-…}`,
    `variable-missing.yml, line 3, targets.b: given "\${EMPTY}", expected EMPTY in the environment, or a default as \${EMPTY:-…}`,
    `variable-missing.yml, line 5, routes[0].match.namespace: given "\${NAMESPACE}", expected NAMESPACE in the environment, or a default as \${NAMESPACE:-…}`,
    `variable-missing.yml, line 7, routes[1].to[1]: given "\${NOBODY}", expected NOBODY in the environment, or a default as \${NOBODY:-…}`,
  ],
  'variable-with-default': [],
  'variable-escaped': [],
  'variable-of-no-name': [
    `variable-of-no-name.yml, line 3, rules[0].match.name: given "\${}", expected the name of a variable, as \${CHAT}`,
    `variable-of-no-name.yml, line 3, rules[0].match.namespace: given "\${1ST}", expected the name of a variable, as \${CHAT}`,
    `variable-of-no-name.yml, line 3, rules[0].match.workload: given "\${A B}", expected the name of a variable, as \${CHAT}`,
  ],
  'variable-in-braces-without-quotes': [
    `variable-in-braces-without-quotes.yml, line 2: Unexpected flow-map-start at node end; between { } and [ ] a \${NAME} has to be in quotes`,
  ],
  'yaml-syntax': [
    'yaml-syntax.yml, line 4: Flow map in block collection must be sufficiently indented and end with a }',
  ],
  'yaml-tab': ['yaml-tab.yml, line 2: Tabs are not allowed as indentation; use spaces'],
  'yaml-key-twice': [
    'yaml-key-twice.yml, line 4: given "match" twice, expected each key once',
    'yaml-key-twice.yml, line 4, rules[0].match.knid: given "knid", expected one of type, reason, cause, kind, namespace, name, workload, node, component, message, cluster, severity, olderThan; did you mean "kind"?',
    'yaml-key-twice.yml, line 6: given "fallback" twice, expected each key once',
    'yaml-key-twice.yml, line 6, fallback: given "nobody", expected a name in targets, or a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"',
  ],
  'yaml-two-documents': [
    'yaml-two-documents.yml, line 2: given a second document, expected one: without a line of ---',
  ],
  'yaml-star-without-quotes': [
    'yaml-star-without-quotes.yml, line 3: given *Failed, which stands for nothing; a text that begins with * has to be in quotes',
    'yaml-star-without-quotes.yml, line 6: given *-canary, which stands for nothing; a text that begins with * has to be in quotes',
  ],
  'yaml-at-without-quotes': [
    'yaml-at-without-quotes.yml, line 2: Plain value cannot start with reserved character @; a text that begins so has to be in quotes',
  ],
  'yaml-colon-without-quotes': [
    'yaml-colon-without-quotes.yml, line 4: Nested mappings are not allowed in compact mappings; a text with ": " in it has to be in quotes',
  ],
  'yaml-escape-in-double-quotes': [
    'yaml-escape-in-double-quotes.yml, line 3: Invalid escape sequence \\d; a regular expression is best in single quotes',
  ],
  'yaml-tag': ['yaml-tag.yml, line 1: Unresolved tag: !chat; a text that begins with ! has to be in quotes'],
  'yaml-alias-bomb': ['yaml-alias-bomb.yml, line 2: given aliases (*…) that say the same without end, expected fewer'],
  'yaml-alias-in-itself': [
    'yaml-alias-in-itself.yml, line 3: given aliases (*…) that say the same without end, expected fewer',
  ],
  'yaml-alias': [
    'yaml-alias.yml, line 4, rules[0].action: given "dorp", expected show or drop; did you mean "drop"?',
    'yaml-alias.yml, line 7, routes[0].to: given "nobody", expected a name in targets, or a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"',
  ],
  'scalar-as-file': [
    'scalar-as-file.yml, line 1, given "rules", expected a map of $schema, defaults, clusters, targets, rules, routes, mutes, quiet, fallback, suppressed, watchdog',
  ],
  'list-as-file': [
    'list-as-file.yml, line 1, given a list of 2, expected a map of $schema, defaults, clusters, targets, rules, routes, mutes, quiet, fallback, suppressed, watchdog',
  ],
  'empty-file': [],
  'only-comments': [],
  'bot-token-in-wrong-place': [
    'bot-token-in-wrong-place.yml, line 2, targets.a: given "<bot token>", expected a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"',
    'bot-token-in-wrong-place.yml, line 3, targets["<bot token>"]: given "<bot token>", expected a name of at most 60 characters without colon and comma',
    'bot-token-in-wrong-place.yml, line 10, rules[0].hint: given "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 <bot token> 0 0…, expected at most 300 characters',
    'bot-token-in-wrong-place.yml, line 13, rules[1].action: given "<bot token>", expected show or drop',
  ],
  'ten-at-once': [
    'ten-at-once.yml, line 1, defaults: given "maybe", expected true or false',
    'ten-at-once.yml, line 2, clusters: given a list of 1, expected a map',
    'ten-at-once.yml, line 5, targets.platform: given "general", expected a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"',
    'ten-at-once.yml, line 8, rules[0].match.message: given "(", expected a regular expression (/(/: Unterminated group)',
    'ten-at-once.yml, line 8, rules[0].match.cause: given "crash-lop", expected a cause of the table (README, Causes), or a reason; did you mean "crash-loop"?',
    'ten-at-once.yml, line 9, rules[0].action: given "dorp", expected show or drop; did you mean "drop"?',
    'ten-at-once.yml, line 12, rules[1].atleast: given "atleast", expected one of name, match, except, action, atLeast, within, per, severity, silent, hint, link; did you mean "atLeast"?',
    'ten-at-once.yml, line 13, rules[2]: given no name, expected a name',
    'ten-at-once.yml, line 13, rules[2]: given a rule, expected what an event can match; objects of this kind are in no namespace: only their events are in "default"',
    `ten-at-once.yml, line 15, routes[0].match.namespace: given "\${NOT_THERE}", expected NOT_THERE in the environment, or a default as \${NOT_THERE:-…}`,
    'ten-at-once.yml, line 16, routes[0].to: given "oncal", expected a name in targets, or a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"; did you mean "oncall"?',
    'ten-at-once.yml, line 18, quiet[0].from: given "25:00", expected a time of day as 22:00',
    'ten-at-once.yml, line 18, quiet[0].zone: given "Europe/Berln", expected an IANA time zone as Europe/Berlin',
    'ten-at-once.yml, line 20, mutes[0]: given no reason, expected a text',
    'ten-at-once.yml, line 21, mutes[0].until: given "2027-02-30T00:00:00Z", expected a day that there is',
    'ten-at-once.yml, line 22, fallbak: given "fallbak", expected one of $schema, defaults, clusters, targets, rules, routes, mutes, quiet, fallback, suppressed, watchdog; did you mean "fallback"?',
  ],
}
