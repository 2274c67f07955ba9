"""The embedded model: SmolLM2-135M on llama.cpp, in this process, without a network or an account."""
