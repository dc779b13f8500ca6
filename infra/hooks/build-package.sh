#!/bin/sh
# Builds the bundle from nothing, so that a file left over from an older build is never deployed. azd then packs what .funcignore lets through.
set -eu
cd "$(dirname "$0")/../.."

[ -x node_modules/.bin/esbuild ] || npm ci
rm -rf dist
npm run --silent build
if [ ! -s dist/index.cjs ]; then
  echo 'The build left no dist/index.cjs.' >&2
  exit 1
fi
echo "dist/index.cjs: $(wc -c <dist/index.cjs) bytes"
