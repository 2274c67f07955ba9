#!/usr/bin/env bash
# Takes the README's picture: the head of quickstart's report in headless Chromium. Run after `make quickstart`.
set -euo pipefail
cd "$(dirname "$0")/../.."
chromium --headless --no-sandbox --disable-gpu --disable-background-networking --hide-scrollbars --user-data-dir="$(mktemp -d)" \
    --window-size=1120,1540 --screenshot=docs/images/report.png "file://${1:-$PWD/runs/quickstart/report.html}" 2>/dev/null
