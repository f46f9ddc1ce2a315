"""Changes of the rules that persons draft, weigh, approve and publish while the gateway serves."""
