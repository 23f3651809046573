"""The Special Educational Needs and Disability Regulations 2014, a file a part, each in the order of its regulations."""
