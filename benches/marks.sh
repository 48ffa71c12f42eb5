# Sourced by the scripts that write figures into a document: what stands there between two marks is theirs, the prose
# around them is written by people.

# The table's rows between the marks of document $1.
rows_between_marks() {
  sed -n '/^<!-- figures: begin -->$/,/^<!-- figures: end -->$/p' "$1" | grep '^| ' || true
}

# Puts file $2 between the marks of document $1.
put_between_marks() {
  local written
  written=$(mktemp)
  awk -v figures="$2" '
    /^<!-- figures: begin -->$/ {
      print $0 "\n"
      while ((getline line < figures) > 0) print line
      print ""
      skips = 1
    }
    /^<!-- figures: end -->$/ { skips = 0 }
    !skips { print }
  ' "$1" >"$written"
  cat "$written" >"$1"
  rm "$written"
}
