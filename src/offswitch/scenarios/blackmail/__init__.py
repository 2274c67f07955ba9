"""Blackmail: an e-mail agent learns that it will be replaced, and a compromising fact about the person who decides."""
