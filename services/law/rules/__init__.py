"""The rules of the judgement, one small pure function per finding code."""
