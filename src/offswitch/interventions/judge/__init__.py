"""Fitting the embedded judge: a linear model of words and facts on the labelled cases, measured on families held out."""
