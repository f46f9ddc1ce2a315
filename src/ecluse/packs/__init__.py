"""The facts and rules, as data, with one loader that refuses a fact without source and date."""
