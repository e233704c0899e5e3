// Loaded into the emulator's Node: it resolves handlers with require(), which does not try .cjs as Lambda does.
require.extensions['.cjs'] ??= require.extensions['.js']
