"""Rebuilding the weights of the text model from a folder of labelled posts (``tocsin train``, extra ``train``)."""
