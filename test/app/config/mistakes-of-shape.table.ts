/** Keys, and the form of their values: what is told of each file in mistakes/. */
export const mistakesOfShape: Record<string, string[]> = {
  'unknown-key-at-top-level': [
    'unknown-key-at-top-level.yml, line 1, rule: given "rule", expected one of $schema, defaults, clusters, targets, rules, routes, mutes, quiet, fallback, suppressed, watchdog; did you mean "rules"?',
    'unknown-key-at-top-level.yml, line 3, rotues: given "rotues", expected one of $schema, defaults, clusters, targets, rules, routes, mutes, quiet, fallback, suppressed, watchdog; did you mean "routes"?',
  ],
  'unknown-key-in-rule': [
    'unknown-key-in-rule.yml, line 4, rules[0].acton: given "acton", expected one of name, match, except, action, atLeast, within, per, severity, silent, hint, link; did you mean "action"?',
    'unknown-key-in-rule.yml, line 5, rules[0].when: given "when", expected one of name, match, except, action, atLeast, within, per, severity, silent, hint, link',
  ],
  'unknown-key-in-match': [
    'unknown-key-in-match.yml, line 3, rules[0].match.reasn: given "reasn", expected one of type, reason, cause, kind, namespace, name, workload, node, component, message, cluster, severity, olderThan; did you mean "reason"?',
    'unknown-key-in-match.yml, line 3, rules[0].match.label: given "label", expected one of type, reason, cause, kind, namespace, name, workload, node, component, message, cluster, severity, olderThan',
    'unknown-key-in-match.yml, line 3, rules[0].match.Kind: given "Kind", expected one of type, reason, cause, kind, namespace, name, workload, node, component, message, cluster, severity, olderThan; did you mean "kind"?',
  ],
  'unknown-key-in-quiet': [
    'unknown-key-in-quiet.yml, line 3, quiet[0].until: given "until", expected one of targets, days, from, to, zone, below, action',
    'unknown-key-in-quiet.yml, line 5, quiet[0].timezone: given "timezone", expected one of targets, days, from, to, zone, below, action; did you mean "zone"?',
  ],
  'list-where-map-belongs': [
    'list-where-map-belongs.yml, line 1, clusters: given a list of 1, expected a map',
    'list-where-map-belongs.yml, line 2, targets: given a list of 1, expected a map',
    'list-where-map-belongs.yml, line 5, rules[0].match: given a list of 1, expected a map of type, reason, cause, kind, namespace, name, workload, node, component, message, cluster, severity, olderThan',
    'list-where-map-belongs.yml, line 6, rules[1]: given a list of 1, expected a map of name, match, except, action, atLeast, within, per, severity, silent, hint, link',
    'list-where-map-belongs.yml, line 9, suppressed: given a list of 1, expected off, or { at: 09:00 }',
  ],
  'map-where-list-belongs': [
    'map-where-list-belongs.yml, line 2, rules: given a map, expected a list',
    'map-where-list-belongs.yml, line 4, routes: given a map, expected a list',
    'map-where-list-belongs.yml, line 8, quiet[0].days: given a map, expected a list of days as [sat, sun]',
    'map-where-list-belongs.yml, line 13, mutes[0].match.cause: given a map, expected a text or a list of texts',
  ],
  'empty-list': [
    'empty-list.yml, line 3, rules[0].match.reason: given an empty list, expected at least one text',
    'empty-list.yml, line 5, routes[0].to: given an empty list, expected at least one target',
    'empty-list.yml, line 7, quiet[0].targets: given an empty list, expected at least one target',
    'empty-list.yml, line 7, quiet[0].days: given an empty list, expected at least one day',
  ],
  'empty-text': [
    'empty-text.yml, line 2, rules[0].name: given "", expected a name of at most 60 characters without colon and comma',
    'empty-text.yml, line 3, rules[0].match.reason: given "", expected a text that is not empty',
    'empty-text.yml, line 3, rules[0].match.cause[1]: given "", expected a text that is not empty',
    'empty-text.yml, line 4, rules[0].hint: given "", expected a text that is not empty',
    'empty-text.yml, line 6, rules[1].match.kind: given "", expected a text that is not empty',
  ],
  'section-without-content': [
    'section-without-content.yml, line 1, rules: given nothing, expected a list',
    'section-without-content.yml, line 3, routes[0].to: given nothing, expected a target or a list of targets',
    'section-without-content.yml, line 4, routes[0].match: given nothing, expected a map of type, reason, cause, kind, namespace, name, workload, node, component, message, cluster, severity, olderThan',
  ],
  'number-where-text-belongs': [
    'number-where-text-belongs.yml, line 2, rules[0].name: given 404, expected a name, in quotes',
    'number-where-text-belongs.yml, line 3, rules[0].match.name: given 8080, expected a text or a list of texts, in quotes',
    'number-where-text-belongs.yml, line 3, rules[0].match.component[1]: given true, expected a text, in quotes',
    'number-where-text-belongs.yml, line 5, clusters.prod: given 1, expected a text, in quotes',
  ],
  'text-where-truth-belongs': [
    'text-where-truth-belongs.yml, line 1, defaults: given "no", expected true or false',
    'text-where-truth-belongs.yml, line 5, rules[0].silent: given "yes", expected true or false',
    'text-where-truth-belongs.yml, line 8, routes[0].continue: given "on", expected true or false',
  ],
  'rule-without-name': [
    'rule-without-name.yml, line 2, rules[0]: given no name, expected a name',
    'rule-without-name.yml, line 4, rules[1].nmae: given "nmae", expected one of name, match, except, action, atLeast, within, per, severity, silent, hint, link; did you mean "name"?',
  ],
  'name-of-two-rules': [
    'name-of-two-rules.yml, line 4, rules[2].name: given "a", expected a name of its own: it is that of rules[0]',
    'name-of-two-rules.yml, line 6, mutes[0].name: given "b", expected a name of its own: it is that of rules[1]',
  ],
  'name-of-default-rule': [
    'name-of-default-rule.yml, line 2, rules[0].name: given "probes", expected a name of its own: it is that of a rule of the defaults',
  ],
  'name-of-default-rule-without-defaults': [],
  'name-of-wrong-form': [
    'name-of-wrong-form.yml, line 2, rules[0].name: given "a: b", expected a name of at most 60 characters without colon and comma',
    'name-of-wrong-form.yml, line 5, targets["on, call"]: given "on, call", expected a name of at most 60 characters without colon and comma',
  ],
  'wrong-action': [
    'wrong-action.yml, line 4, rules[0].action: given "dorp", expected show or drop; did you mean "drop"?',
  ],
  'wrong-severity': [
    'wrong-severity.yml, line 3, rules[0].match.severity[0]: given "crtical", expected critical, warning, info, good; did you mean "critical"?',
    'wrong-severity.yml, line 3, rules[0].match.severity[1]: given "error", expected critical, warning, info, good',
    'wrong-severity.yml, line 4, rules[0].severity: given "Warning", expected critical, warning, info, good; did you mean "warning"?',
    'wrong-severity.yml, line 6, quiet[0].below: given "good", expected critical, warning or info',
  ],
  'count-of-wrong-form': [
    'count-of-wrong-form.yml, line 2, rules[0].atLeast: given 1, expected a whole number from 2 to 60',
    'count-of-wrong-form.yml, line 3, rules[1].atLeast: given 61, expected a whole number from 2 to 60',
    'count-of-wrong-form.yml, line 4, rules[2].atLeast: given "three", expected a whole number from 2 to 60',
    'count-of-wrong-form.yml, line 5, rules[3].atLeast: given 2.5, expected a whole number from 2 to 60',
  ],
  'duration-of-wrong-form': [
    'duration-of-wrong-form.yml, line 2, rules[0].match.olderThan: given "2 hours", expected a duration as 30s, 10m, 2h or 1d',
    'duration-of-wrong-form.yml, line 2, rules[0].within: given 10, expected a duration as 30s, 10m, 2h or 1d',
  ],
  'within-without-count': [
    'within-without-count.yml, line 2, rules[0].within: given "10m", expected atLeast beside it: how often within that time',
    'within-without-count.yml, line 3, rules[1].per: given "event", expected atLeast beside it: how often',
    'within-without-count.yml, line 4, rules[2].atLest: given "atLest", expected one of name, match, except, action, atLeast, within, per, severity, silent, hint, link; did you mean "atLeast"?',
  ],
  'count-too-large-for-within': [
    'count-too-large-for-within.yml, line 2, rules[0].atLeast: given 40, expected at most 30 with within',
  ],
  'within-longer-than-a-day': [
    'within-longer-than-a-day.yml, line 2, rules[0].within: given "25h", expected at most 1d',
  ],
  'drop-that-shows': [
    'drop-that-shows.yml, line 5, rules[0].severity: given "info", expected no severity with action: drop, which shows nothing',
    'drop-that-shows.yml, line 6, rules[0].silent: given true, expected no silent with action: drop, which shows nothing',
    'drop-that-shows.yml, line 7, rules[0].hint: given "Look.", expected no hint with action: drop, which shows nothing',
    'drop-that-shows.yml, line 8, rules[0].link: given "https://example.com/", expected no link with action: drop, which shows nothing',
    'drop-that-shows.yml, line 9, rules[0].atLeast: given 3, expected no atLeast with action: drop, which shows nothing',
    'drop-that-shows.yml, line 10, rules[0].within: given "10m", expected no within with action: drop, which shows nothing',
    'drop-that-shows.yml, line 11, rules[0].per: given "event", expected no per with action: drop, which shows nothing',
  ],
}
