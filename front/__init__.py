"""The frame of the page: colours, header, the choice of language, what it says about itself."""
