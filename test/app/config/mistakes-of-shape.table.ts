/** Unknown keys and values of the wrong type: the messages for each file in mistakes/. */
export const mistakesOfShape: Record<string, string[]> = {
  'unknown-key-at-top-level': [
    'unknown-key-at-top-level.yml, line 1, rule: unknown key; did you mean "rules"?',
    'unknown-key-at-top-level.yml, line 3, rotues: unknown key; did you mean "routes"?',
  ],
  'unknown-key-in-rule': [
    'unknown-key-in-rule.yml, line 4, rules[0].acton: unknown key; did you mean "action"?',
    'unknown-key-in-rule.yml, line 5, rules[0].when: unknown key; the known keys are name, match, except, action, atLeast, within, per, severity, silent, hint, link',
  ],
  'unknown-key-in-match': [
    'unknown-key-in-match.yml, line 3, rules[0].match.reasn: unknown key; did you mean "reason"?',
    'unknown-key-in-match.yml, line 3, rules[0].match.label: unknown key; the known keys are type, reason, cause, kind, namespace, name, workload, node, component, message, cluster, severity, olderThan',
    'unknown-key-in-match.yml, line 3, rules[0].match.Kind: unknown key; did you mean "kind"?',
  ],
  'unknown-key-in-quiet': [
    'unknown-key-in-quiet.yml, line 3, quiet[0].until: unknown key; the known keys are targets, days, from, to, zone, below, action',
    'unknown-key-in-quiet.yml, line 5, quiet[0].timezone: unknown key; did you mean "zone"?',
  ],
  'list-instead-of-map': [
    'list-instead-of-map.yml, line 1, clusters: must be a map, not a list',
    'list-instead-of-map.yml, line 2, targets: must be a map, not a list',
    'list-instead-of-map.yml, line 5, rules[0].match: must be a map, not a list; the known keys are type, reason, cause, kind, namespace, name, workload, node, component, message, cluster, severity, olderThan',
    'list-instead-of-map.yml, line 6, rules[1]: must be a map, not a list; the known keys are name, match, except, action, atLeast, within, per, severity, silent, hint, link',
    'list-instead-of-map.yml, line 9, suppressed: must be off or a map, for example { at: 09:00 }, not a list',
  ],
  'map-instead-of-list': [
    'map-instead-of-list.yml, line 2, rules: must be a list, not a map',
    'map-instead-of-list.yml, line 4, routes: must be a list, not a map',
    'map-instead-of-list.yml, line 8, quiet[0].days: must be a list of days, for example [sat, sun], not a map',
    'map-instead-of-list.yml, line 13, mutes[0].match.cause: must be a string or a list of strings, not a map',
  ],
  'empty-list': [
    'empty-list.yml, line 3, rules[0].match.reason: must have at least one entry',
    'empty-list.yml, line 5, routes[0].to: must have at least one entry',
    'empty-list.yml, line 7, quiet[0].targets: must have at least one entry',
    'empty-list.yml, line 7, quiet[0].days: must have at least one entry',
  ],
  'empty-text': [
    'empty-text.yml, line 2, rules[0].name: must be a name of at most 60 characters without colon or comma, not ""',
    'empty-text.yml, line 3, rules[0].match.reason: must not be empty',
    'empty-text.yml, line 3, rules[0].match.cause[1]: must not be empty',
    'empty-text.yml, line 4, rules[0].hint: must not be empty',
    'empty-text.yml, line 6, rules[1].match.kind: must not be empty',
  ],
  'empty-section': [
    'empty-section.yml, line 1, rules: must be a list, but it is empty',
    'empty-section.yml, line 3, routes[0].to: must be a target or a list of targets, but it is empty',
    'empty-section.yml, line 4, routes[0].match: must be a map, but it is empty; the known keys are type, reason, cause, kind, namespace, name, workload, node, component, message, cluster, severity, olderThan',
  ],
  'number-instead-of-string': [
    'number-instead-of-string.yml, line 2, rules[0].name: must be a name of at most 60 characters without colon or comma, not 404; put it in quotes',
    'number-instead-of-string.yml, line 3, rules[0].match.name: must be a string or a list of strings, not 8080; put it in quotes',
    'number-instead-of-string.yml, line 3, rules[0].match.component[1]: must be a string, not true; put it in quotes',
    'number-instead-of-string.yml, line 5, clusters.prod: must be a string, not 1; put it in quotes',
  ],
  'string-instead-of-boolean': [
    'string-instead-of-boolean.yml, line 1, defaults: must be true or false, not "no"',
    'string-instead-of-boolean.yml, line 5, rules[0].silent: must be true or false, not "yes"',
    'string-instead-of-boolean.yml, line 8, routes[0].continue: must be true or false, not "on"',
  ],
  'rule-without-name': [
    'rule-without-name.yml, line 2, rules[0]: name is missing',
    'rule-without-name.yml, line 4, rules[1].nmae: unknown key; did you mean "name"?',
  ],
  'duplicate-name': [
    'duplicate-name.yml, line 4, rules[2].name: the name "a" is already used by rules[0]',
    'duplicate-name.yml, line 6, mutes[0].name: the name "b" is already used by rules[1]',
  ],
  'duplicate-name-of-built-in-rule': [
    'duplicate-name-of-built-in-rule.yml, line 2, rules[0].name: the name "probes" is already used by a built-in rule',
  ],
  'name-of-built-in-rule-without-defaults': [],
  'invalid-name': [
    'invalid-name.yml, line 2, rules[0].name: must be a name of at most 60 characters without colon or comma, not "a: b"',
    'invalid-name.yml, line 5, targets["on, call"]: must be a name of at most 60 characters without colon or comma, not "on, call"',
  ],
  'invalid-action': [
    'invalid-action.yml, line 4, rules[0].action: must be show or drop, not "dorp"; did you mean "drop"?',
  ],
  'invalid-severity': [
    'invalid-severity.yml, line 3, rules[0].match.severity[0]: must be critical, warning, info or good, not "crtical"; did you mean "critical"?',
    'invalid-severity.yml, line 3, rules[0].match.severity[1]: must be critical, warning, info or good, not "error"',
    'invalid-severity.yml, line 4, rules[0].severity: must be critical, warning, info or good, not "Warning"; did you mean "warning"?',
    'invalid-severity.yml, line 6, quiet[0].below: must be critical, warning or info, not "good"',
  ],
  'invalid-count': [
    'invalid-count.yml, line 2, rules[0].atLeast: must be a whole number from 2 to 60, not 1',
    'invalid-count.yml, line 3, rules[1].atLeast: must be a whole number from 2 to 60, not 61',
    'invalid-count.yml, line 4, rules[2].atLeast: must be a whole number from 2 to 60, not "three"',
    'invalid-count.yml, line 5, rules[3].atLeast: must be a whole number from 2 to 60, not 2.5',
  ],
  'invalid-duration': [
    'invalid-duration.yml, line 2, rules[0].match.olderThan: must be a duration, for example 30s, not "2 hours"',
    'invalid-duration.yml, line 2, rules[0].within: must be a duration, for example 30s, not 10',
  ],
  'within-without-at-least': [
    'within-without-at-least.yml, line 2, rules[0].within: within needs atLeast in the same rule',
    'within-without-at-least.yml, line 3, rules[1].per: per needs atLeast in the same rule',
    'within-without-at-least.yml, line 4, rules[2].atLest: unknown key; did you mean "atLeast"?',
  ],
  'count-too-large-with-within': [
    'count-too-large-with-within.yml, line 2, rules[0].atLeast: must be at most 30 with within, not 40',
  ],
  'within-longer-than-a-day': ['within-longer-than-a-day.yml, line 2, rules[0].within: must be at most 1d, not "25h"'],
  'drop-with-settings-of-show': [
    'drop-with-settings-of-show.yml, line 5, rules[0].severity: severity has no effect with action: drop; remove one of them',
    'drop-with-settings-of-show.yml, line 6, rules[0].silent: silent has no effect with action: drop; remove one of them',
    'drop-with-settings-of-show.yml, line 7, rules[0].hint: hint has no effect with action: drop; remove one of them',
    'drop-with-settings-of-show.yml, line 8, rules[0].link: link has no effect with action: drop; remove one of them',
    'drop-with-settings-of-show.yml, line 9, rules[0].atLeast: atLeast has no effect with action: drop; remove one of them',
    'drop-with-settings-of-show.yml, line 10, rules[0].within: within has no effect with action: drop; remove one of them',
    'drop-with-settings-of-show.yml, line 11, rules[0].per: per has no effect with action: drop; remove one of them',
  ],
}
