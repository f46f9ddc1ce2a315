"""The REST interface of Presidio over our detector, for programs that can be pointed at one."""
