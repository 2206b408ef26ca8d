namespace Microblog.Pages;

/// <summary>What a page says, without how it looks. Every page of the node is one of the records derived from this.</summary>
public abstract record Page;
