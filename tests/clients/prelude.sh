# What each command of a story starts with: its own folder, and two words.
#
#   eventually COMMAND...          tries until it succeeds, 15 seconds at most
#   in_background FILE COMMAND...  runs it beside the story, its output in FILE; end_background
mkdir -p "$HOME/work"
cd "$HOME/work"
eventually() {
  until=$(($(date +%s) + 15))
  while ! out=$("$@" 2>&1); do
    [ "$(date +%s)" -lt $until ] || { printf '%s\n' "$out"; return 1; }
    sleep 0.05
  done
  [ -z "$out" ] || printf '%s\n' "$out"
}
in_background() { file=$1; shift; command "$@" >"$file" 2>&1 & echo $! >>background; }
end_background() { kill $(cat background); rm background; } 2>/dev/null
