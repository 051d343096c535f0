"""What a person can do, told once. The page, the API, the command line and the background jobs all call these."""
