"""What commands do, read with a shell grammar: parse, expand words, follow state from call to call, name the effects."""
