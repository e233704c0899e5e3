/** Mistakes that a schema cannot describe: the messages for each file in mistakes/. */
export const mistakesOfMeaning: Record<string, string[]> = {
  'invalid-regex': [
    'invalid-regex.yml, line 3, rules[0].match.message: "(" is not a valid regular expression (Unterminated group)',
    'invalid-regex.yml, line 5, rules[1].match.name[1]: "/[/" is not a valid regular expression (Unterminated character class)',
    'invalid-regex.yml, line 6, rules[1].except.message: "*oops" is not a valid regular expression (Nothing to repeat)',
  ],
  'slow-regex': [
    'slow-regex.yml, line 3, rules[0].match.message: "(a+)+(?=b)" cannot run in linear time; do not use lookaheads, back-references, (?i:…) or repeat counts above 16 (nested counts multiply)',
    'slow-regex.yml, line 7, rules[2].match.message: "(a*)*\\\\1$" cannot run in linear time; do not use lookaheads, back-references, (?i:…) or repeat counts above 16 (nested counts multiply)',
  ],
  'slow-regex-count': [
    'slow-regex-count.yml, line 3, rules[0].match.message: "(a{1,900}){1,900}" cannot run in linear time; do not use lookaheads, back-references, (?i:…) or repeat counts above 16 (nested counts multiply)',
  ],
  'two-mistakes-in-one-rule': [
    'two-mistakes-in-one-rule.yml, line 3, rules[0].match.message: "(" is not a valid regular expression (Unterminated group)',
    'two-mistakes-in-one-rule.yml, line 4, rules[0].action: must be show or drop, not "shwo"; did you mean "show"?',
  ],
  'unusual-glob': [],
  'unknown-cause': [
    'unknown-cause.yml, line 3, rules[0].match.cause: "crash-lop" is neither a known cause nor a reason; did you mean "crash-loop"?',
    'unknown-cause.yml, line 5, rules[1].match.cause[1]: "nonsense" is neither a known cause nor a reason',
  ],
  'node-with-namespace': [
    'node-with-namespace.yml, line 2, rules[0]: rule "a" never matches: objects of this kind have no namespace; write namespace: "", although their events are in "default"',
    'node-with-namespace.yml, line 4, rules[1]: rule "b" never matches: objects of this kind have no namespace; write namespace: "", although their events are in "default"',
  ],
  'reason-without-this-cause': [
    'reason-without-this-cause.yml, line 2, rules[0]: rule "a" never matches: events with this reason never have this cause',
    'reason-without-this-cause.yml, line 4, rules[1]: rule "b" never matches: events with these reasons never have these causes',
  ],
  'severity-without-this-cause': [
    'severity-without-this-cause.yml, line 2, rules[0]: rule "a" never matches: this cause always has severity warning',
    'severity-without-this-cause.yml, line 5, routes[0]: this route never matches: these causes always have severity warning or info',
  ],
  'route-severity-set-by-rule': [],
  'except-excludes-everything': [
    'except-excludes-everything.yml, line 2, rules[0]: rule "a" never matches: `except` excludes everything that `match` selects',
    'except-excludes-everything.yml, line 5, rules[1]: rule "b" never matches: `except` excludes everything that `match` selects',
    'except-excludes-everything.yml, line 8, rules[2]: rule "c" never matches: `except` excludes everything that `match` selects',
  ],
  'unreachable-rule': [
    'unreachable-rule.yml, line 3, rules[1]: rule "never" never applies: rule "all" already matches everything it matches',
  ],
  'unreachable-rule-after-list': [
    'unreachable-rule-after-list.yml, line 4, rules[1]: rule "narrow" never applies: rule "wide" already matches everything it matches',
  ],
  'unreachable-rule-after-glob': [
    'unreachable-rule-after-glob.yml, line 4, rules[1]: rule "narrow" never applies: rule "wide" already matches everything it matches',
  ],
  'unreachable-route': [
    'unreachable-route.yml, line 4, routes[1]: this route never applies: routes[0] already matches everything it matches',
  ],
  'route-after-continue': [],
  'overlapping-mutes': [],
  'unknown-target': [
    'unknown-target.yml, line 5, routes[0].to[0]: "platfrom" is neither a name in targets nor a chat ID; did you mean "platform"?',
    'unknown-target.yml, line 6, routes[1].to: "nobody" is neither a name in targets nor a chat ID',
    'unknown-target.yml, line 8, quiet[0].targets: "paltform" is neither a name in targets nor a chat ID; did you mean "platform"?',
    'unknown-target.yml, line 9, fallback: "platforms" is neither a name in targets nor a chat ID; did you mean "platform"?',
    'unknown-target.yml, line 10, suppressed.target: "platform1" is neither a name in targets nor a chat ID; did you mean "platform"?',
    'unknown-target.yml, line 11, watchdog.target: "paltform" is neither a name in targets nor a chat ID; did you mean "platform"?',
    'needs state: unknown-target.yml, line 10, suppressed: the daily summary needs STATE=sqlite:<file> or STATE=dynamodb:<table>; it is not sent',
    'needs state: unknown-target.yml, line 11, watchdog: the watchdog needs STATE=sqlite:<file> or STATE=dynamodb:<table>; it is off',
  ],
  'chat-with-two-names': [
    'chat-with-two-names.yml, line 3, targets.oncall: targets "ops" and "oncall" are the same chat; use one name for it',
    'chat-with-two-names.yml, line 5, targets.same: targets "thread" and "same" are the same chat; use one name for it',
  ],
  'delay-without-end': [
    'delay-without-end.yml, line 8, quiet[0].action: the quiet hours of target "ops" never end, so its delayed messages would never be sent',
    'needs state: delay-without-end.yml, line 8, quiet[0].action: delay needs STATE=sqlite:<file> or STATE=dynamodb:<table>; messages are sent silently instead',
    'needs state: delay-without-end.yml, line 9, quiet[1].action: delay needs STATE=sqlite:<file> or STATE=dynamodb:<table>; messages are sent silently instead',
    'needs state: delay-without-end.yml, line 10, quiet[2].action: delay needs STATE=sqlite:<file> or STATE=dynamodb:<table>; messages are sent silently instead',
  ],
  'invalid-chat-id': [
    'invalid-chat-id.yml, line 2, targets.a: must be a chat ID, for example -1001234567890, -1001234567890:42 for a thread, or "@channel", not "@x"',
    'invalid-chat-id.yml, line 3, targets.b: must be a chat ID, for example -1001234567890, -1001234567890:42 for a thread, or "@channel", not "-1001234567890:general"',
    'invalid-chat-id.yml, line 4, targets.c: must be a chat ID, for example -1001234567890, -1001234567890:42 for a thread, or "@channel", not "My alerts"',
    'invalid-chat-id.yml, line 5, targets.d: must be a chat ID, for example -1001234567890, -1001234567890:42 for a thread, or "@channel", not 0',
    'invalid-chat-id.yml, line 6, targets.e: must be a chat ID, for example -1001234567890, not 1.5',
    'invalid-chat-id.yml, line 8, routes[0].to[5]: "f" is neither a name in targets nor a chat ID',
  ],
  'unknown-time-zone': [
    'unknown-time-zone.yml, line 2, quiet[0].zone: must be an IANA time zone, for example Europe/Berlin, not "Europe/Berln"',
    'unknown-time-zone.yml, line 3, suppressed.zone: must be an IANA time zone, for example Europe/Berlin, not "CEST5"',
    'needs state: unknown-time-zone.yml, line 3, suppressed: the daily summary needs STATE=sqlite:<file> or STATE=dynamodb:<table>; it is not sent',
  ],
  'invalid-time-of-day': [
    'invalid-time-of-day.yml, line 2, quiet[0].from: must be a valid time, for example 07:30, not "25:00"',
    'invalid-time-of-day.yml, line 2, quiet[0].to: must be a valid time, for example 07:30, not "6:00"',
    'invalid-time-of-day.yml, line 3, suppressed.at: must be a valid time, for example 07:30, not "9am"',
    'needs state: invalid-time-of-day.yml, line 3, suppressed: the daily summary needs STATE=sqlite:<file> or STATE=dynamodb:<table>; it is not sent',
  ],
  'suppressed-without-time': [
    'suppressed-without-time.yml, line 1, suppressed: at is missing',
    'needs state: suppressed-without-time.yml, line 1, suppressed: the daily summary needs STATE=sqlite:<file> or STATE=dynamodb:<table>; it is not sent',
  ],
  'invalid-suppressed': [
    'invalid-suppressed.yml, line 1, suppressed: must be off or a map, for example { at: 09:00 }, not "never"',
  ],
  'quiet-hours-without-length': [
    'quiet-hours-without-length.yml, line 2, quiet[0].to: must be another time than from, not "22:00"',
  ],
  'mute-without-end': ['mute-without-end.yml, line 2, mutes[0]: until is missing'],
  'mute-without-reason': ['mute-without-reason.yml, line 2, mutes[0]: reason is missing'],
  'invalid-date': [
    'invalid-date.yml, line 2, mutes[0].until: must be a valid date and time, for example 2026-12-01T08:00:00+01:00, not "2027-02-30T00:00:00Z"',
    'invalid-date.yml, line 3, mutes[1].until: must be a valid date and time, for example 2026-12-01T08:00:00+01:00, not "2027-13-01T00:00:00Z"',
    'invalid-date.yml, line 4, mutes[2].until: must be a valid date and time, for example 2026-12-01T08:00:00+01:00, not "2027-01-01T25:00:00Z"',
  ],
  'mute-without-zone': [
    'mute-without-zone.yml, line 2, mutes[0].until: must be a date and time with time zone, for example 2026-12-01T08:00:00+01:00, not "2027-01-01T00:00:00"',
    'mute-without-zone.yml, line 3, mutes[1].until: must be a date and time with time zone, for example 2026-12-01T08:00:00+01:00, not "tomorrow"',
  ],
  'expired-mute': [
    'warning: expired-mute.yml, line 2, mutes[0].until: mute "a" expired at 2026-11-01T00:00:00Z; remove it or set a later time',
  ],
  'unused-target': [
    'warning: unused-target.yml, line 1, targets.e: target "e" is used by no route',
    'needs state: unused-target.yml, line 7, suppressed: the daily summary needs STATE=sqlite:<file> or STATE=dynamodb:<table>; it is not sent',
    'needs state: unused-target.yml, line 8, watchdog: the watchdog needs STATE=sqlite:<file> or STATE=dynamodb:<table>; it is off',
  ],
  'settings-without-durable-store': [
    'needs state: settings-without-durable-store.yml, line 2, quiet[0].action: delay needs STATE=sqlite:<file> or STATE=dynamodb:<table>; messages are sent silently instead',
    'needs state: settings-without-durable-store.yml, line 3, suppressed: the daily summary needs STATE=sqlite:<file> or STATE=dynamodb:<table>; it is not sent',
    'needs state: settings-without-durable-store.yml, line 4, watchdog: the watchdog needs STATE=sqlite:<file> or STATE=dynamodb:<table>; it is off',
  ],
  'watchdog-too-short': [
    'watchdog-too-short.yml, line 2, watchdog.after: must be from 5m to 24h, not "4m"',
    'needs state: watchdog-too-short.yml, line 2, watchdog: the watchdog needs STATE=sqlite:<file> or STATE=dynamodb:<table>; it is off',
  ],
  'watchdog-too-long': [
    'watchdog-too-long.yml, line 2, watchdog.after: must be from 5m to 24h, not "2d"',
    'needs state: watchdog-too-long.yml, line 2, watchdog: the watchdog needs STATE=sqlite:<file> or STATE=dynamodb:<table>; it is off',
  ],
  'watchdog-without-duration': [
    'watchdog-without-duration.yml, line 1, watchdog: after is missing',
    'needs state: watchdog-without-duration.yml, line 1, watchdog: the watchdog needs STATE=sqlite:<file> or STATE=dynamodb:<table>; it is off',
  ],
  'watchdog-without-unit': [
    'watchdog-without-unit.yml, line 1, watchdog.after: must be a duration, for example 30s, not 30',
    'needs state: watchdog-without-unit.yml, line 1, watchdog: the watchdog needs STATE=sqlite:<file> or STATE=dynamodb:<table>; it is off',
  ],
  'watchdog-is-not-a-map': [
    'watchdog-is-not-a-map.yml, line 1, watchdog: must be a map, not "30m"; the known keys are after, target',
  ],
  'invalid-link': [
    'invalid-link.yml, line 2, rules[0].link: must be an http or https URL with a dot in its host, for example https://grafana.example.com/explore?ns={namespace} (placeholders, only after the host: {cluster} {namespace} {workload} {cause} {kind} {name} {container} {node} {reason} {from} {to}), not "http://grafana/{namespace}"',
    'invalid-link.yml, line 3, rules[1].link: must be an http or https URL with a dot in its host, for example https://grafana.example.com/explore?ns={namespace} (placeholders, only after the host: {cluster} {namespace} {workload} {cause} {kind} {name} {container} {node} {reason} {from} {to}), not "https://example.com/{nmaespace}"',
    'invalid-link.yml, line 4, rules[2].link: must be an http or https URL with a dot in its host, for example https://grafana.example.com/explore?ns={namespace} (placeholders, only after the host: {cluster} {namespace} {workload} {cause} {kind} {name} {container} {node} {reason} {from} {to}), not "https://user:<secret>@example.com/"',
  ],
  'hint-too-long': ['hint-too-long.yml, line 4, rules[0].hint: must have at most 300 characters'],
  'mute-with-duration': [
    'mute-with-duration.yml, line 4, mutes[0].until: must be a date and time, not "7d", which has no fixed start; 7d from now is 2026-12-02T00:00Z',
    'mute-with-duration.yml, line 6, mutes[1].until: must be a date and time, not "90m", which has no fixed start; 90m from now is 2026-11-25T01:30Z',
  ],
}
