"""Agent CLIs as models: `composer-cli/<model>` starts Cursor's `cursor-agent` for each call and reads what it prints.

    transport ─ prompt ──► stdin  ┐
              ◄─ telling ◄ stdout ┤ program, a process group of its own in an empty folder
              ◄─ failures ◄ stderr┘

finding        which program that is, and which models it may be asked for
command_line   its arguments, and the little it sees of our environment
prompt         a conversation as the one text such a program takes, and what of a call it cannot be told
program        one run of it: started, heard, killed with all that it started
places         how many run at once
telling        its lines (NDJSON, `--output-format stream-json`) as words, thoughts, tools and a result
usage          what it says to have used and cost, or an estimate that is marked as one
failures       what went wrong, as LiteLLM's exceptions
tools          a span for each tool that it ran
"""
