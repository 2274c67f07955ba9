"""Fitting the embedded judge: a fine-tuned network and a linear model, on the labelled cases, measured on families held out."""
